-- What becomes of each pair: its tier, and its decision but for what `held` says. A repaired number is one slip or a
-- mask away from the candidate's under the same birth date. household: only the household's evidence carries it over
-- the threshold, or past the guard `number`. held: why a pair is not linked whatever its weight; a person decides.
--   name    another name, or none
--   sex     another sex
--   birth   another birth date; but another day of the same year is let through with numbers one slip apart, under one
--           name at one home, or under one name in one town with a masked number's end; any other with slip and home
--   letter  names that differ in a letter, a sound or a look, without the birth date or the number: siblings, father and
--           son (a lost character under the very household number is let through)
--   twin    names that sound or look alike or differ by a character, without the number or a masked one's end, and the
--           rest is the family's (one home, one household) or speaks against it (another phone, another household), or
--           a mask hides the end (then also a name with a lost character); but who is not in the list of his family
--           there is the one that it lacks, where nobody of either household is of one birth date with somebody else
--   town    another town, and neither the number nor a phone, an account or a household that ties the two
--   list    the candidate stands in the same list already, and the numbers do not nearly agree: twins sound alike
--   number  numbers that differ by more than a slip, or none, and nothing else agrees but the name, or the name and the
--           birth date inside the number
WITH held AS (
  SELECT c.*,
         CASE
           WHEN c.name IS NULL OR c.name < 2 THEN 'name'
           WHEN c.sex = 0 THEN 'sex'
           WHEN c.birth = 1 AND NOT coalesce(
             (c.id IN (4, 5) AND c.name >= 4) OR (c.name >= 6 AND (c.place = 3 OR c.household > 0))
             OR (c.name = 5 AND c.household = 2) OR (c.name >= 6 AND c.ends_agree AND c.place >= 1), false) THEN 'birth'
           WHEN c.birth = 0 AND NOT coalesce(
             c.id IN (4, 5) AND c.name >= 6 AND (c.place = 3 OR c.household > 0), false) THEN 'birth'
           WHEN c.name BETWEEN 2 AND 5 AND coalesce(c.birth, 0) < 4 AND coalesce(c.id, 0) < 3
             AND NOT coalesce(c.name = 5 AND c.household = 2, false) THEN 'letter'
           WHEN ((c.name BETWEEN 2 AND 4 AND coalesce(c.id, 0) <= 3
               AND (c.place = 3 OR c.household >= 0 OR c.phone = 0 OR c.id = 3)) OR (c.name = 5 AND c.id = 3))
             AND NOT coalesce(c.account = 1 OR c.ends_agree OR (
               c.household > 0 AND c.once = 1 AND c.left_person NOT IN (SELECT person FROM twinned)
               AND c.right_person NOT IN (SELECT person FROM twinned)), false) THEN 'twin'
           WHEN c.place = 0 AND coalesce(c.id, 0) < 3
             AND NOT coalesce(c.phone = 1 OR c.account = 1 OR c.household > 0, false) THEN 'town'
           WHEN c.once = 0 AND NOT coalesce(c.id IN (4, 5) OR (c.id = 3 AND c.name >= 6), false) THEN 'list'
           WHEN coalesce(c.id, 0) <= 2 AND c.birth IS NULL AND NOT coalesce(
             c.place >= 2 OR c.phone = 1 OR c.account = 1 OR c.household > 0, false) THEN 'number'
         END AS held
  FROM competed c
  WHERE c.probability >= 0.001
)
SELECT c.*,
       CASE
         WHEN c.id IN (3, 4, 5) AND c.birth_agrees THEN 'repaired_id'
         WHEN c.household > 0 AND (
           c.weight - h.weight - greatest(coalesce(c.runner_up, c.nobody), c.nobody) < $link_odds
           OR (coalesce(c.id, 0) <= 2 AND c.birth IS NULL
               AND NOT coalesce(c.place >= 2 OR c.phone = 1 OR c.account = 1, false))) THEN 'household'
         ELSE 'probabilistic'
       END AS tier,
       CASE
         WHEN c.probability < $review_at AND NOT coalesce(c.id >= 3 AND c.probability >= 0.01, false) THEN 'reject'
         WHEN c.position > 1 OR c.apart < $link_at OR c.held IS NOT NULL THEN 'review'
         ELSE 'link'
       END AS decision
FROM held c
LEFT JOIN level_weight h ON h.field = 'household' AND h.level = c.household
