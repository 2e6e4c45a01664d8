CREATE TABLE `calibrations` (
	`symbol` text NOT NULL,
	`model` text NOT NULL,
	`model_sha256` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`verdict` text NOT NULL,
	`sha256` text NOT NULL,
	`calibration` text NOT NULL,
	`taken_ms` integer,
	`document` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `model`, `ts_ms`)
);
