CREATE TABLE `drift_checks` (
	`symbol` text NOT NULL,
	`model` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`verdict` text NOT NULL,
	`document` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `model`, `ts_ms`)
);
