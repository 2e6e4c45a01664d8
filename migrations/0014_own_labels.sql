CREATE TABLE `own_labels` (
	`symbol` text NOT NULL,
	`name` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`label` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `name`, `ts_ms`)
) WITHOUT ROWID;
