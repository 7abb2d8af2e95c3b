-- Questions of a campaign, for DuckDB; `queries.py` asks them, and so does `.read` in the folder of the tables.

-- Tables as of the last attempt at each repository.
CREATE OR REPLACE VIEW runs AS
SELECT * FROM read_parquet('runs/*/*.parquet', hive_partitioning = true)
QUALIFY row_number() OVER (PARTITION BY repo ORDER BY attempt DESC) = 1;

CREATE OR REPLACE VIEW findings AS
SELECT found.* FROM read_parquet('findings/*/*.parquet', hive_partitioning = true) AS found
SEMI JOIN runs USING (repo, attempt);

CREATE OR REPLACE VIEW patches AS
SELECT made.* FROM read_parquet('patches/*/*.parquet', hive_partitioning = true) AS made
SEMI JOIN runs USING (repo, attempt);

-- What a repository still has to do.
CREATE OR REPLACE VIEW states AS
SELECT
    runs.repo,
    CASE
        WHEN runs.status <> 'ok' THEN 'not read'
        WHEN count(*) FILTER (findings.held_reason IS NOT NULL) > 0 THEN 'held'
        WHEN any_value(patches.repo) IS NOT NULL THEN 'ready'
        WHEN count(*) FILTER (findings.severity <> 'note') > 0 THEN 'by hand'
        ELSE 'done'
    END AS state
FROM runs
LEFT JOIN findings USING (repo)
LEFT JOIN patches USING (repo)
GROUP BY runs.repo, runs.status;

-- name: repositories by state
SELECT state, count(*) AS repositories FROM states GROUP BY state ORDER BY repositories DESC, state;

-- name: machines by state
SELECT
    rule,
    CASE fix WHEN 'safe' THEN 'ready' WHEN 'unsafe' THEN 'needs --unsafe-fixes' WHEN 'held' THEN 'held'
             ELSE 'by hand' END AS state,
    count(*) AS machines,
    count(DISTINCT repo) AS repositories
FROM findings
WHERE rule IN ('vm-extension', 'vmss-extension')
GROUP BY ALL ORDER BY rule, machines DESC, state;

-- name: why machines are held
SELECT held_reason, count(*) AS findings, count(DISTINCT repo) AS repositories, min(repo) AS example
FROM findings WHERE held_reason IS NOT NULL
GROUP BY held_reason ORDER BY findings DESC, held_reason;

-- name: who is left
SELECT repo, state, count(findings.rule) AS findings
FROM states LEFT JOIN findings USING (repo)
WHERE state <> 'done'
GROUP BY ALL ORDER BY state, findings DESC, repo;

-- name: what could not be read
SELECT status, left(error, 60) AS error, count(*) AS repositories, min(repo) AS example
FROM runs WHERE status <> 'ok'
GROUP BY ALL ORDER BY repositories DESC, error;

-- name: the slowest
SELECT repo, seconds, cpu_seconds, files FROM runs ORDER BY seconds DESC, repo LIMIT 10;
