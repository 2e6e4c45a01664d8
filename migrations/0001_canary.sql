CREATE TABLE `approvals` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`state` text NOT NULL,
	`action` text NOT NULL,
	`document` text NOT NULL,
	`request` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `canary_events` (
	`symbol` text NOT NULL,
	`run_id` text NOT NULL,
	`seq` integer NOT NULL,
	`event` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `run_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `canary_runs` (
	`symbol` text NOT NULL,
	`run_id` text NOT NULL,
	`state` text NOT NULL,
	`plan` text NOT NULL,
	`mode` text NOT NULL,
	`profile` text NOT NULL,
	`candidate` text NOT NULL,
	`sha256` text NOT NULL,
	`baseline` text NOT NULL,
	`salt` text NOT NULL,
	`approval_id` text NOT NULL,
	`phases` text NOT NULL,
	`last_look` text,
	`probes_sent` integer NOT NULL,
	`ts_ms` integer NOT NULL,
	`ended_ms` integer,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `run_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `promotions` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`kind` text NOT NULL,
	`version` text NOT NULL,
	`former` text,
	`profile` text NOT NULL,
	`approval_id` text,
	`reason` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `kind`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `comparisons` ADD `phase` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `predictions` ADD `phase` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `rollups` ADD `model_above_80` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `rollups` ADD `model_above_120` integer DEFAULT 0 NOT NULL;