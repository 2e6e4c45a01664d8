CREATE TABLE `alert_changes` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`rule` text NOT NULL,
	`change` text NOT NULL,
	`severity` text NOT NULL,
	`text` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `rule`, `change`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `alerts` (
	`symbol` text NOT NULL,
	`rule` text NOT NULL,
	`state` text NOT NULL,
	`severity` text NOT NULL,
	`since_ms` integer NOT NULL,
	`fired_ms` integer,
	`text` text NOT NULL,
	PRIMARY KEY(`symbol`, `rule`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `bars` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`open` real NOT NULL,
	`high` real NOT NULL,
	`low` real NOT NULL,
	`close` real NOT NULL,
	`volume` real NOT NULL,
	`backfilled` integer DEFAULT 0 NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `chain` (
	`seq` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`sha256` text NOT NULL,
	`detail` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	`prev` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `chain_by_subject` ON `chain` (`subject`,`seq`);--> statement-breakpoint
CREATE TABLE `comparisons` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`model` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`source` text NOT NULL,
	`baseline_score` real,
	`score` real,
	`latency_ms` real,
	`fault` text,
	PRIMARY KEY(`symbol`, `id`, `model`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `drift_counts` (
	`symbol` text NOT NULL,
	`model` text NOT NULL,
	`hour_ms` integer NOT NULL,
	`n` integer NOT NULL,
	`counts` text NOT NULL,
	PRIMARY KEY(`symbol`, `model`, `hour_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `dropped_bars` (
	`symbol` text NOT NULL,
	`seq` integer NOT NULL,
	`ts_ms` integer,
	`line` integer,
	`fault` text NOT NULL,
	`text` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`text` text NOT NULL,
	`data` text
);
--> statement-breakpoint
CREATE INDEX `events_by_symbol` ON `events` (`symbol`,`ts_ms`);--> statement-breakpoint
CREATE TABLE `feature_rows` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`mid` real,
	`mid_change_1m` real,
	`mid_logret_1m` real,
	`mid_logret_5m` real,
	`spread_bp` real,
	`vol1m` real,
	`vol1m_log` real,
	`rsi14` real,
	`rsi14_z` real,
	`zscore_mid_24h` real,
	`rv_15m_log` real,
	`rv_60m_log` real,
	`ewma_var_1m` real,
	`mid_mean_24h` real,
	`mid_std_24h` real,
	`mid_count_24h` real,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `feeds` (
	`symbol` text PRIMARY KEY NOT NULL,
	`clock_ms` integer NOT NULL,
	`clock_kind` text NOT NULL,
	`path` text,
	`sha256` text,
	`line` integer NOT NULL,
	`from_ms` integer,
	`bars` integer NOT NULL,
	`bad_rows` integer NOT NULL,
	`duplicates` integer NOT NULL,
	`late` integer NOT NULL,
	`future` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `gate_log` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`round` integer NOT NULL,
	`model` text,
	`verdicts` text NOT NULL,
	`detail` text,
	`figures` text NOT NULL,
	`outcome` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `round`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `heartbeats` (
	`symbol` text NOT NULL,
	`from_ms` integer NOT NULL,
	`until_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `from_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `jobs` (
	`symbol` text NOT NULL,
	`name` text NOT NULL,
	`last_ms` integer,
	`last_ok_ms` integer,
	`next_ms` integer,
	`result` text NOT NULL,
	`ok` integer,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `models` (
	`symbol` text NOT NULL,
	`version` text NOT NULL,
	`kind` text NOT NULL,
	`feature_set` text NOT NULL,
	`sha256` text NOT NULL,
	`window_from_ms` integer NOT NULL,
	`window_until_ms` integer NOT NULL,
	`weights` text NOT NULL,
	`reference` text NOT NULL,
	`scaler` text NOT NULL,
	`manifest` text NOT NULL,
	`offline` text NOT NULL,
	`seconds` real NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `version`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`payload` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`last_error` text
);
--> statement-breakpoint
CREATE TABLE `outcomes` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`label` integer NOT NULL,
	`settled_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `predictions` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	`source` text NOT NULL,
	`key` text,
	`score` real,
	`decision` text NOT NULL,
	`model` text NOT NULL,
	`served_by` text NOT NULL,
	`reason` text NOT NULL,
	`latency_ms` real,
	`model_ms` real,
	`fault` text,
	PRIMARY KEY(`symbol`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `psi_snapshots` (
	`symbol` text NOT NULL,
	`model` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`overall` real,
	`verdict` text NOT NULL,
	`level` text,
	`document` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `model`, `ts_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `reports` (
	`symbol` text NOT NULL,
	`period` text NOT NULL,
	`date` text NOT NULL,
	`document` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `period`, `date`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rollups` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`model` text NOT NULL,
	`source` text NOT NULL,
	`phase` text NOT NULL,
	`requests` integer NOT NULL,
	`abstained` integer NOT NULL,
	`tried` integer NOT NULL,
	`errors` integer NOT NULL,
	`compared` integer NOT NULL,
	`matched` integer NOT NULL,
	`delta_sum` real NOT NULL,
	`delta_max` real NOT NULL,
	`timed` integer NOT NULL,
	`above_80` integer NOT NULL,
	`above_120` integer NOT NULL,
	`model_timed` integer NOT NULL,
	`model_above_60` integer NOT NULL,
	`service_hist` blob,
	`model_hist` blob,
	PRIMARY KEY(`symbol`, `ts_ms`, `model`, `source`, `phase`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `scores` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`model` text NOT NULL,
	`score` real NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `model`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `slots` (
	`symbol` text NOT NULL,
	`slot` text NOT NULL,
	`version` text NOT NULL,
	`profile` text NOT NULL,
	`since_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `slot`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `stream_states` (
	`symbol` text PRIMARY KEY NOT NULL,
	`ts_ms` integer NOT NULL,
	`state` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tokens` (
	`name` text PRIMARY KEY NOT NULL,
	`sha256` text NOT NULL,
	`wall_ms` integer NOT NULL,
	`revoked_wall_ms` integer
);
--> statement-breakpoint
CREATE TRIGGER `chain_is_append_only_update` BEFORE UPDATE ON `chain` BEGIN SELECT RAISE(ABORT, 'the evidence chain is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `chain_is_append_only_delete` BEFORE DELETE ON `chain` BEGIN SELECT RAISE(ABORT, 'the evidence chain is append-only'); END;
