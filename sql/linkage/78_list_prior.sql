-- What a candidate of somebody loose in a list has to beat: the weight (bits) of their being none of the candidates,
-- among so many $people.
SELECT dataset, rounded(log2($people * (1 - known) / known), 3) AS bits FROM list_known
