-- Persons covered in dibao, tekun, borderline or expenditure in the audit month.
SELECT DISTINCT person FROM roster WHERE active AND covered
