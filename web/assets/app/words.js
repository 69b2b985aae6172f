import { speaker } from '../shared/language.js';

const hant = {
  'Say why: this outcome needs a comment.': '請說明原因：此結果需要意見。',
  Copy: '複製',
  Copied: '已複製',
  Keys: '快捷鍵',
  Close: '關閉',
  'Next and previous task': '下一項、上一項工作',
  'Open the task, or press the chosen button': '開啟工作，或按下所選按鈕',
  'Claim the task': '認領工作',
  'Give the task back': '退還工作',
  'Go to an outcome; Enter decides': '移至結果按鈕，按 Enter 決定',
  'Next and previous step, in a diagram': '流程圖中的下一步、上一步',
  'This list': '顯示本表',
};

const hans = {
  'Say why: this outcome needs a comment.': '请说明原因：此结果需要意见。',
  Copy: '复制',
  Copied: '已复制',
  Keys: '快捷键',
  Close: '关闭',
  'Next and previous task': '下一项、上一项工作',
  'Open the task, or press the chosen button': '打开工作，或按下所选按钮',
  'Claim the task': '认领工作',
  'Give the task back': '退还工作',
  'Go to an outcome; Enter decides': '移至结果按钮，按 Enter 决定',
  'Next and previous step, in a diagram': '流程图中的下一步、上一步',
  'This list': '显示本表',
};

export const say = speaker({ 'zh-Hant': hant, 'zh-Hans': hans });
