CREATE TABLE `paper_positions` (
	`symbol` text NOT NULL,
	`arm` text NOT NULL,
	`model_version` text NOT NULL,
	`position` text NOT NULL,
	PRIMARY KEY(`symbol`, `arm`)
);
--> statement-breakpoint
CREATE TABLE `paper_trades` (
	`symbol` text NOT NULL,
	`arm` text NOT NULL,
	`id` text NOT NULL,
	`source` text NOT NULL,
	`model_version` text,
	`side` integer NOT NULL,
	`row_ms` integer,
	`opened_ms` integer NOT NULL,
	`closed_ms` integer NOT NULL,
	`qty` real NOT NULL,
	`notional` real NOT NULL,
	`expected_entry` real,
	`filled_entry` real NOT NULL,
	`expected_exit` real,
	`filled_exit` real NOT NULL,
	`fees` real NOT NULL,
	`slip_entry_bp` real,
	`slip_exit_bp` real,
	`pnl_gross` real NOT NULL,
	`pnl` real NOT NULL,
	`pnl_pct` real NOT NULL,
	`exit` text NOT NULL,
	`regime` text,
	`rv_60m_log` real,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `arm`, `id`)
);
--> statement-breakpoint
CREATE INDEX `paper_trades_closed` ON `paper_trades` (`symbol`,`closed_ms`);--> statement-breakpoint
ALTER TABLE `feature_rows` ADD `mid_logret_15m` real;--> statement-breakpoint
ALTER TABLE `feature_rows` ADD `mid_logret_60m` real;--> statement-breakpoint
ALTER TABLE `feature_rows` ADD `range_15m_bp` real;--> statement-breakpoint
ALTER TABLE `feature_rows` ADD `vol1m_log_z_24h` real;--> statement-breakpoint
ALTER TABLE `feature_rows` ADD `zscore_mid_20m` real;