-- The only engine-specific SQL: the project's own functions, as DuckDB macros.

-- How alike two names are, on the ladder: 5 the same key, 4 wildcard-compatible, 3 sound alike in Mandarin or
-- Cantonese, 2 one character more or less, 1 the same first character, 0 unlike; null where one is missing.
CREATE OR REPLACE MACRO name_level(a, a_mandarin, a_cantonese, b, b_mandarin, b_cantonese) AS
  CASE
    WHEN a = '' OR b = '' OR a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 5
    WHEN length(a) = length(b) AND (
         (strpos(a, '?') > 0 AND b LIKE replace(a, '?', '_'))
      OR (strpos(b, '?') > 0 AND a LIKE replace(b, '?', '_'))) THEN 4
    WHEN strpos(a, '?') = 0 AND strpos(b, '?') = 0
         AND (a_mandarin = b_mandarin OR a_cantonese = b_cantonese) THEN 3
    WHEN abs(length(a) - length(b)) = 1 AND least(length(a), length(b)) >= 2 AND levenshtein(a, b) = 1
         AND substr(a, 1, 1) = substr(b, 1, 1) THEN 2
    WHEN substr(a, 1, 1) = substr(b, 1, 1) THEN 1
    ELSE 0
  END;

-- A month 'YYYY-MM' counted from year 0, for arithmetic.
CREATE OR REPLACE MACRO month_index(m) AS CAST(substr(m, 1, 4) AS INTEGER) * 12 + CAST(substr(m, 6, 2) AS INTEGER);

-- The month of a date, as 'YYYY-MM'.
CREATE OR REPLACE MACRO month_of(d) AS strftime(d, '%Y-%m');
