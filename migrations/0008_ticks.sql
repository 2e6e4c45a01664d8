CREATE TABLE `tick_files` (
	`symbol` text NOT NULL,
	`sha256` text NOT NULL,
	`line` integer NOT NULL,
	`rows` integer NOT NULL,
	`done` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `sha256`)
);
--> statement-breakpoint
CREATE TABLE `ticks` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`seq` integer NOT NULL,
	`price` real NOT NULL,
	`qty` real NOT NULL,
	`buyer_maker` integer,
	PRIMARY KEY(`symbol`, `ts_ms`, `seq`)
) WITHOUT ROWID;
