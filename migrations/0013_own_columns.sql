CREATE TABLE `own_columns` (
	`symbol` text NOT NULL,
	`place` integer NOT NULL,
	`name` text NOT NULL,
	`max_age_ms` integer NOT NULL,
	`unit` text NOT NULL,
	`about` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `place`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `own_rows` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`columns` blob NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `own_sets` (
	`symbol` text NOT NULL,
	`name` text NOT NULL,
	`model` text NOT NULL,
	`drift` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `own_values` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`pairs` blob NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
