CREATE TABLE `ensemble_weights` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`document` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
);
