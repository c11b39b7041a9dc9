-- The only engine-specific SQL: the project's own functions, as DuckDB macros.

-- How alike two names are, on the ladder: 7 the same key, 5 wildcard-compatible, 4 sound alike in Mandarin or
-- Cantonese, 3 look alike, 2 one character more or less, 1 the same first character, 0 unlike; null where one is
-- missing. (6, the same key in another spelling, is for those who see the spelling.)
CREATE OR REPLACE MACRO name_level(a, a_mandarin, a_cantonese, a_shape, b, b_mandarin, b_cantonese, b_shape) AS
  CASE
    WHEN a = '' OR b = '' OR a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 7
    WHEN length(a) = length(b) AND (
         (strpos(a, '?') > 0 AND b LIKE replace(a, '?', '_'))
      OR (strpos(b, '?') > 0 AND a LIKE replace(b, '?', '_'))) THEN 5
    WHEN strpos(a, '?') = 0 AND strpos(b, '?') = 0
         AND (a_mandarin = b_mandarin OR a_cantonese = b_cantonese) THEN 4
    WHEN length(a) = length(b) AND length(a) >= 2 AND a_shape = b_shape THEN 3
    WHEN abs(length(a) - length(b)) = 1 AND least(length(a), length(b)) >= 2 AND levenshtein(a, b) = 1
         AND substr(a, 1, 1) = substr(b, 1, 1) THEN 2
    WHEN substr(a, 1, 1) = substr(b, 1, 1) THEN 1
    ELSE 0
  END;

-- Whether two texts of one length differ by two neighbours that changed places; null where one is missing.
CREATE OR REPLACE MACRO adjacent_swap(a, b) AS
  CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN
    length(a) = length(b) AND levenshtein(a, b) = 2 AND len(list_filter(range(1, length(a)), lambda i:
      substr(a, i, 1) <> substr(b, i, 1)
      AND substr(a, 1, i - 1) || substr(a, i + 1, 1) || substr(a, i, 1) || substr(a, i + 2) = b)) = 1
  END;

-- How nearly two texts agree: 0 the same, 1 one character wrong, missing or too many, 2 two neighbours that changed
-- places, 3 anything else; null where one is missing. Numbers (no sign beyond ASCII) are compared place by place, which
-- takes a tenth of the time.
CREATE OR REPLACE MACRO slip(a, b) AS
  CASE
    WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 0
    WHEN length(a) <> length(b) THEN CASE WHEN abs(length(a) - length(b)) = 1 AND levenshtein(a, b) = 1 THEN 1 ELSE 3 END
    WHEN strlen(a) = length(a) AND strlen(b) = length(b) THEN
      CASE hamming(a, b) WHEN 1 THEN 1 WHEN 2 THEN CASE WHEN damerau_levenshtein(a, b) = 1 THEN 2 ELSE 3 END ELSE 3 END
    WHEN levenshtein(a, b) = 1 THEN 1
    WHEN adjacent_swap(a, b) THEN 2
    ELSE 3
  END;

-- How alike two dates are: 4 equal, 3 day and month changed places, 2 one digit differs, 1 the same year, 0 other.
CREATE OR REPLACE MACRO birth_level(a, b) AS
  CASE
    WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN a = b THEN 4
    WHEN year(a) = year(b) AND month(a) = day(b) AND day(a) = month(b) THEN 3
    WHEN (year(a) = year(b) OR (month(a) = month(b) AND day(a) = day(b)))
         AND levenshtein(strftime(a, '%Y%m%d'), strftime(b, '%Y%m%d')) = 1 THEN 2
    WHEN year(a) = year(b) THEN 1
    ELSE 0
  END;

-- A month 'YYYY-MM' counted from year 0, for arithmetic.
CREATE OR REPLACE MACRO month_index(m) AS CAST(substr(m, 1, 4) AS INTEGER) * 12 + CAST(substr(m, 6, 2) AS INTEGER);

-- The month of a date, as 'YYYY-MM'.
CREATE OR REPLACE MACRO month_of(d) AS strftime(d, '%Y-%m');

-- The date n calendar months before a date, clipped to the month's end (2022-10-31, 6 → 2022-04-30).
CREATE OR REPLACE MACRO months_before(d, n) AS CAST(d - to_months(CAST(n AS INTEGER)) AS DATE);

-- The date n days before a date.
CREATE OR REPLACE MACRO days_before(d, n) AS CAST(d - to_days(CAST(n AS INTEGER)) AS DATE);


-- A number rounded to so many places, half of the last one up (away from nought).
CREATE OR REPLACE MACRO rounded(x, places) AS round(CAST(x AS DOUBLE) * pow(10.0, places)) / pow(10.0, places);

-- A text 'YYYY-MM-DD' as a date, null for any other.
CREATE OR REPLACE MACRO date_of(t) AS
  CASE WHEN regexp_matches(t, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$') AND substr(t, 1, 4) <> '0000'
       THEN try_cast(t AS DATE) END;

-- The birth date inside an ID number of 18 characters, or of one that lost or doubled a digit: counted from the front
-- (a digit of the serial is wrong), else from the end (one of the area).
CREATE OR REPLACE MACRO birth_inside(n) AS
  CASE
    WHEN substr(n, 7, 2) IN ('19', '20') THEN date_of(
      substr(n, 7, 4) || '-' || substr(n, 11, 2) || '-' || substr(n, 13, 2))
    WHEN length(n) IN (17, 19) AND substr(n, length(n) - 11, 2) IN ('19', '20') THEN date_of(
      substr(n, length(n) - 11, 4) || '-' || substr(n, length(n) - 7, 2) || '-' || substr(n, length(n) - 5, 2))
  END;

-- A text of digits as a whole number, null for any other.
CREATE OR REPLACE MACRO whole_number(t) AS CASE WHEN regexp_matches(t, '^-?[0-9]{1,18}$') THEN CAST(t AS BIGINT) END;
