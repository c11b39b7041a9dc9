-- What a candidate of somebody loose in a list has to beat: the weight (bits) of there being no record of theirs among so
-- many $people. A list of few known people leans on the model's own share.
SELECT dataset, rounded(log2($people * (1 - known) / known), 3) AS bits
FROM (SELECT dataset, (again + 200 * $matched_share) / (people + 200) AS known FROM list_share) share
