-- The review desk: what the model had told of a pair when somebody ruled on it, and rulings that were taken back.
ALTER TABLE ruling ADD COLUMN probability DOUBLE; -- of a link: the match probability told then; null: not known
ALTER TABLE ruling ADD COLUMN withdraws VARCHAR;  -- of a ruling `withdrawn`: the source of the one it takes back
CREATE VIEW ruling_in_force AS
SELECT r.* FROM ruling r
WHERE r.verdict <> 'withdrawn' AND NOT EXISTS (
  FROM ruling w
  WHERE w.withdraws = r.source AND w.kind = r.kind AND w.subject = r.subject
    AND w.decided_by IS NOT DISTINCT FROM r.decided_by
);
