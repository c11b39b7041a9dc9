-- The review desk: what the model had told of a pair when somebody ruled on it, and rulings that were taken back.
ALTER TABLE ruling ADD COLUMN probability DOUBLE; -- of a link: the match probability told then; null: not known
-- `withdrawn`: what this person had ruled about the subject no longer counts. What others ruled still does.
CREATE VIEW ruling_in_force AS
SELECT r.* FROM ruling r
WHERE r.verdict <> 'withdrawn' AND NOT EXISTS (
  FROM ruling w
  WHERE w.verdict = 'withdrawn' AND w.kind = r.kind AND w.subject = r.subject
    AND w.decided_by IS NOT DISTINCT FROM r.decided_by AND w.ruling_no > r.ruling_no
);
