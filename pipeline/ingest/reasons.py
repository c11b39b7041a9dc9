"""Why a cell or a row was rejected: the words a town worker reads in `rejects`; and what counts as a placeholder."""

from __future__ import annotations

# cells
PLACEHOLDER = "占位内容，不是真实数据，按空白处理"
ID_SCIENTIFIC = "号码是科学计数法，精度已丢失，无法还原"
ID_NUMBER = "号码以数字格式保存，15位以后的数字已丢失，无法还原"
ID_ZEROS = "号码末三位为000且校验码不符，疑因数字格式丢失精度"
ID_NO_DIGIT = "不是证件号码（没有数字）"
DATE_ABSENT = "日期不存在"
DATE_UNREADABLE = "无法识别的日期"
DATE_INCOMPLETE = "日期不完整，缺少日"
MONTH_ABSENT = "月份不存在"
MONTH_UNREADABLE = "无法识别的月份"
MONTH_AMBIGUOUS = "月份含糊：末尾的0可能丢失，1月还是10月无法判断"
MONEY_UNREADABLE = "无法识别的金额"
NUMBER_UNREADABLE = "无法识别的数字"
INTEGER_UNREADABLE = "无法识别的整数"
YEAR_UNREADABLE = "无法识别的年度"
BOOLEAN_UNREADABLE = "无法识别的是否值"
FORMULA_ERROR = "表格公式出错，没有值"
TOO_LONG = "单元格内容过长（超过4000字），不是表中应有的内容"

# whole rows
NO_PERSON = "整行无身份信息：没有姓名，也没有证件号码"
NO_HOUSEHOLD = "整行无身份信息：没有救助类别，也没有家庭编号"
NO_HOUSEHOLD_NO = "整行无身份信息：没有家庭编号"
OVERFLOW = "单元格多于表头，整行错位"

RAW_LIMIT = 200  # characters of raw text kept in `rejects`

# Cells that people write where there is nothing to write, after NFKC, without white space, in upper case.
PLACEHOLDERS = frozenset(
    "无 暂无 没有 不详 未知 不明 不清楚 空 缺 暂缺 待补 待补充 待定 未办理 未登记 未提供 未填 无法提供 "
    "无身份证 没有身份证 无证件 无证 "
    "/ // - -- --- — —— ― _ __ . … ? ?? N/A NA N.A. #N/A NULL NONE NIL NAN (空) (NULL) \\".split()
)
# numbers people type to get past a form
DUMMY_NUMBERS = frozenset({"123456789012345678", "12345678901234567X", "123456789012345", "1234567890"})


def is_placeholder(folded: str) -> bool:
    """Whether a cell, already NFKC, without white space and in upper case, stands for nothing."""
    return folded in PLACEHOLDERS


def is_dummy_number(folded: str) -> bool:
    """Whether a number is one that nobody bears: a single digit repeated, the keyboard's row, or only X."""
    return folded in DUMMY_NUMBERS or (len(set(folded)) == 1 and (folded.isdigit() or folded[0] == "X"))
