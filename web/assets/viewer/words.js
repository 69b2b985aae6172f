import { speaker } from '../shared/language.js';

const hant = {
  'Zoom in': '放大',
  'Zoom out': '縮小',
  'Show all of it': '顯示全圖',
  'Where it stands': '目前位置',
  'Where it ended': '結束位置',
  'Where it begins': '起點',
  'Whole screen': '全螢幕',
  'waiting here': '在此等候',
  'waiting here, %1 times': '在此等候 %1 項',
  done: '已完成',
  'done %1 times': '已完成 %1 次',
  stopped: '已停止',
  'not reached yet': '尚未到達',
  'The diagram could not be drawn.': '流程圖無法顯示。',
  'Arrow keys move the diagram, + and − change its size, 0 shows all of it, h where it stands, n and p go from step to step.':
    '方向鍵移動流程圖，+ 與 − 縮放，0 顯示全圖，h 回到目前位置，n 與 p 逐步瀏覽。',
};

const hans = {
  'Zoom in': '放大',
  'Zoom out': '缩小',
  'Show all of it': '显示全图',
  'Where it stands': '当前位置',
  'Where it ended': '结束位置',
  'Where it begins': '起点',
  'Whole screen': '全屏',
  'waiting here': '在此等候',
  'waiting here, %1 times': '在此等候 %1 项',
  done: '已完成',
  'done %1 times': '已完成 %1 次',
  stopped: '已停止',
  'not reached yet': '尚未到达',
  'The diagram could not be drawn.': '流程图无法显示。',
  'Arrow keys move the diagram, + and − change its size, 0 shows all of it, h where it stands, n and p go from step to step.':
    '方向键移动流程图，+ 与 − 缩放，0 显示全图，h 回到当前位置，n 与 p 逐步浏览。',
};

export const say = speaker({ 'zh-Hant': hant, 'zh-Hans': hans });
