// Everything that the form says by itself, in three languages.
import { Mandarin } from 'flatpickr/dist/esm/l10n/zh.js';
import { MandarinTraditional } from 'flatpickr/dist/esm/l10n/zh-tw.js';

import { language, speaker } from '../shared/language.js';

const hant = {
  'No results': '沒有結果',
  Search: '搜尋',
  Choose: '請選擇',
  'Skip to search': '跳到搜尋',
  'All values are chosen': '已全部選取',
  'Nothing to show.': '沒有資料。',
  '%1 of %2': '第 %1 頁，共 %2 頁',
  'Previous page': '上一頁',
  'Next page': '下一頁',
  Increase: '增加',
  Decrease: '減少',
  'Add a row': '新增一列',
  'Show all %1 rows': '顯示全部 %1 列',
  'Show fewer rows': '收合',
  'Remove row %1': '移除第 %1 列',
  'Enter both the date and the time.': '請同時輸入日期和時間。',
  'Enter a number.': '請輸入數字。',
  'Enter a whole number.': '請輸入整數。',
  'Enter at most %1 decimal digits.': '最多輸入 %1 位小數。',
  'The nearest valid values are %1 and %2.': '最接近的有效值為 %1 和 %2。',
  'This does not have the expected form.': '格式不符合要求。',
  'This field is required.': '此欄必填。',
  'Enter %1 or more.': '請輸入不小於 %1 的值。',
  'Enter %1 or less.': '請輸入不大於 %1 的值。',
  'Enter at least %1 rows.': '至少輸入 %1 列。',
  'Enter at least %1 characters.': '至少輸入 %1 個字元。',
  'Enter at most %1 characters.': '最多輸入 %1 個字元。',
  'Enter an international telephone number, like +4930664040900.': '請輸入國際電話號碼，例如 +4930664040900。',
  'Enter a valid e-mail address.': '請輸入有效的電子郵件地址。',
  'yyyy-mm-dd': '年-月-日',
  'Saving the draft…': '正在儲存草稿…',
  'Draft saved': '草稿已儲存',
  'The draft could not be saved. It is tried again.': '草稿未能儲存，稍後會再試。',
  'The form could not be shown.': '表單無法顯示。',
  'Not ready yet: %1 field(s) need your attention.': '尚未完成：有 %1 個欄位需要處理。',
};

const hans = {
  'No results': '没有结果',
  Search: '搜索',
  Choose: '请选择',
  'Skip to search': '跳到搜索',
  'All values are chosen': '已全部选取',
  'Nothing to show.': '没有数据。',
  '%1 of %2': '第 %1 页，共 %2 页',
  'Previous page': '上一页',
  'Next page': '下一页',
  Increase: '增加',
  Decrease: '减少',
  'Add a row': '新增一行',
  'Show all %1 rows': '显示全部 %1 行',
  'Show fewer rows': '收起',
  'Remove row %1': '移除第 %1 行',
  'Enter both the date and the time.': '请同时输入日期和时间。',
  'Enter a number.': '请输入数字。',
  'Enter a whole number.': '请输入整数。',
  'Enter at most %1 decimal digits.': '最多输入 %1 位小数。',
  'The nearest valid values are %1 and %2.': '最接近的有效值为 %1 和 %2。',
  'This does not have the expected form.': '格式不符合要求。',
  'This field is required.': '此项必填。',
  'Enter %1 or more.': '请输入不小于 %1 的值。',
  'Enter %1 or less.': '请输入不大于 %1 的值。',
  'Enter at least %1 rows.': '至少输入 %1 行。',
  'Enter at least %1 characters.': '至少输入 %1 个字符。',
  'Enter at most %1 characters.': '最多输入 %1 个字符。',
  'Enter an international telephone number, like +4930664040900.': '请输入国际电话号码，例如 +4930664040900。',
  'Enter a valid e-mail address.': '请输入有效的电子邮件地址。',
  'yyyy-mm-dd': '年-月-日',
  'Saving the draft…': '正在保存草稿…',
  'Draft saved': '草稿已保存',
  'The draft could not be saved. It is tried again.': '草稿未能保存，稍后会再试。',
  'The form could not be shown.': '表单无法显示。',
  'Not ready yet: %1 field(s) need your attention.': '尚未完成：有 %1 个字段需要处理。',
};

export const say = speaker({ 'zh-Hant': hant, 'zh-Hans': hans });

/** The calendar's names of months and days, the week from Monday on. */
export function calendar() {
  const names = { 'zh-Hant': MandarinTraditional, 'zh-Hans': Mandarin }[language()] ?? {};
  return { ...names, firstDayOfWeek: 1 };
}
