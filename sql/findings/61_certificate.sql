-- Property certificates: a home, or not. A certificate whose use is not told is neither.
SELECT p.person, p.tier, p.record_id, coalesce(p.certificate_no, p.record_id) AS certificate, p.certificate_no, p.use,
       p.area_m2, p.location, p.registered_on, p.share,
       EXISTS (SELECT 1 FROM word w WHERE w.list = 'residential' AND strpos(p.use, w.word) > 0)
       AND NOT EXISTS (SELECT 1 FROM word w WHERE w.list = 'not_residential' AND strpos(p.use, w.word) > 0) AS is_home
FROM property p
WHERE p.use IS NOT NULL AND p.person IN (SELECT person FROM concerned)
