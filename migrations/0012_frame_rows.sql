CREATE TABLE `frame_rows` (
	`symbol` text NOT NULL,
	`frame_min` integer NOT NULL,
	`ts_ms` integer NOT NULL,
	`open` real NOT NULL,
	`high` real NOT NULL,
	`low` real NOT NULL,
	`close` real NOT NULL,
	`volume` real NOT NULL,
	`columns` blob NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `frame_min`, `ts_ms`)
) WITHOUT ROWID;
