-- The only engine-specific SQL: the project's own functions, as Spark SQL functions. They answer as those of duckdb.sql.

CREATE OR REPLACE TEMPORARY FUNCTION name_level(
  a STRING, a_mandarin BIGINT, a_cantonese BIGINT, a_shape BIGINT,
  b STRING, b_mandarin BIGINT, b_cantonese BIGINT, b_shape BIGINT)
RETURNS INT RETURN
  CASE
    WHEN a = '' OR b = '' OR a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 7
    WHEN length(a) = length(b) AND (
         (locate('?', a) > 0 AND b LIKE replace(a, '?', '_') ESCAPE '\u0001')
      OR (locate('?', b) > 0 AND a LIKE replace(b, '?', '_') ESCAPE '\u0001')) THEN 5
    WHEN locate('?', a) = 0 AND locate('?', b) = 0
         AND (a_mandarin = b_mandarin OR a_cantonese = b_cantonese) THEN 4
    WHEN length(a) = length(b) AND length(a) >= 2 AND a_shape = b_shape THEN 3
    WHEN abs(length(a) - length(b)) = 1 AND least(length(a), length(b)) >= 2 AND levenshtein(a, b) = 1
         AND substr(a, 1, 1) = substr(b, 1, 1) THEN 2
    WHEN substr(a, 1, 1) = substr(b, 1, 1) THEN 1
    ELSE 0
  END;

CREATE OR REPLACE TEMPORARY FUNCTION adjacent_swap(a STRING, b STRING)
RETURNS BOOLEAN RETURN
  CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN
    length(a) = length(b) AND levenshtein(a, b) = 2 AND
      size(filter(sequence(1, greatest(length(a) - 1, 1)), i ->
        substr(a, i, 1) <> substr(b, i, 1)
        AND substr(a, 1, i - 1) || substr(a, i + 1, 1) || substr(a, i, 1) || substr(a, i + 2) = b)) = 1
  END;

CREATE OR REPLACE TEMPORARY FUNCTION slip(a STRING, b STRING)
RETURNS INT RETURN
  CASE
    WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 0
    WHEN abs(length(a) - length(b)) > 1 THEN 3
    WHEN levenshtein(a, b) = 1 THEN 1
    WHEN adjacent_swap(a, b) THEN 2
    ELSE 3
  END;

CREATE OR REPLACE TEMPORARY FUNCTION birth_level(a DATE, b DATE)
RETURNS INT RETURN
  CASE
    WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 4
    WHEN year(a) = year(b) AND month(a) = day(b) AND day(a) = month(b) THEN 3
    WHEN levenshtein(date_format(a, 'yyyyMMdd'), date_format(b, 'yyyyMMdd')) = 1 THEN 2
    WHEN year(a) = year(b) THEN 1
    ELSE 0
  END;

CREATE OR REPLACE TEMPORARY FUNCTION month_index(m STRING)
RETURNS INT RETURN CAST(substr(m, 1, 4) AS INT) * 12 + CAST(substr(m, 6, 2) AS INT);

CREATE OR REPLACE TEMPORARY FUNCTION month_of(d DATE)
RETURNS STRING RETURN date_format(d, 'yyyy-MM');

CREATE OR REPLACE TEMPORARY FUNCTION months_before(d DATE, n BIGINT)
RETURNS DATE RETURN add_months(d, -CAST(n AS INT));

CREATE OR REPLACE TEMPORARY FUNCTION days_before(d DATE, n BIGINT)
RETURNS DATE RETURN date_sub(d, CAST(n AS INT));

CREATE OR REPLACE TEMPORARY FUNCTION rounded(x DOUBLE, places INT)
RETURNS DOUBLE RETURN round(x * power(10D, places)) / power(10D, places);

CREATE OR REPLACE TEMPORARY FUNCTION date_of(t STRING)
RETURNS DATE RETURN
  CASE WHEN t RLIKE '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$' AND substr(t, 1, 4) <> '0000' THEN try_cast(t AS DATE) END;

CREATE OR REPLACE TEMPORARY FUNCTION birth_inside(n STRING)
RETURNS DATE RETURN
  CASE
    WHEN substr(n, 7, 2) IN ('19', '20') THEN date_of(
      substr(n, 7, 4) || '-' || substr(n, 11, 2) || '-' || substr(n, 13, 2))
    WHEN length(n) IN (17, 19) AND substr(n, length(n) - 11, 2) IN ('19', '20') THEN date_of(
      substr(n, length(n) - 11, 4) || '-' || substr(n, length(n) - 7, 2) || '-' || substr(n, length(n) - 5, 2))
  END;

CREATE OR REPLACE TEMPORARY FUNCTION whole_number(t STRING)
RETURNS BIGINT RETURN CASE WHEN t RLIKE '^-?[0-9]{1,18}$' THEN CAST(t AS BIGINT) END;
