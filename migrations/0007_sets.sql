CREATE TABLE `ab_active_model` (
	`symbol` text PRIMARY KEY NOT NULL,
	`id` integer DEFAULT 1 NOT NULL,
	`active_arm` text NOT NULL,
	`swapped_at` text NOT NULL,
	`swap_run_id` integer NOT NULL,
	`wall_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `model_sets` (
	`symbol` text NOT NULL,
	`version` text NOT NULL,
	`sha256` text NOT NULL,
	`models` text NOT NULL,
	`report` text NOT NULL,
	`window_from_ms` integer NOT NULL,
	`window_until_ms` integer NOT NULL,
	`seconds` real NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `version`)
);
--> statement-breakpoint
CREATE TABLE `phase2_gate_log` (
	`symbol` text NOT NULL,
	`check_no` integer NOT NULL,
	`gate_name` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`ts_iso` text NOT NULL,
	`passed` integer NOT NULL,
	`value` real,
	`threshold` real NOT NULL,
	`details` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `check_no`, `gate_name`)
);
--> statement-breakpoint
CREATE TABLE `phase2_retrain_runs` (
	`symbol` text NOT NULL,
	`run` integer NOT NULL,
	`ts_ms` integer NOT NULL,
	`ts_iso` text NOT NULL,
	`trigger_reason` text NOT NULL,
	`by_whom` text NOT NULL,
	`gate_pass` integer NOT NULL,
	`gate_details` text NOT NULL,
	`paper_days` real,
	`closed_trades` integer NOT NULL,
	`vol_percentile_lo` real,
	`vol_percentile_hi` real,
	`slippage_mult` real NOT NULL,
	`training_rows` integer,
	`models_trained` integer NOT NULL,
	`model_dir` text,
	`success` integer NOT NULL,
	`error_msg` text,
	`duration_sec` real NOT NULL,
	`embargo_hours` real,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `run`)
);
--> statement-breakpoint
CREATE TABLE `set_names` (
	`symbol` text NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`since_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `name`)
);
--> statement-breakpoint
CREATE TABLE `signals` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`arm` text NOT NULL,
	`set_version` text,
	`side` text NOT NULL,
	`direction` real,
	`price_bp` real,
	`risk_bp` real,
	`momentum` real,
	`volatility` real,
	`size_multiplier` real NOT NULL,
	`expected_cost_bp` real NOT NULL,
	`worth_it` integer NOT NULL,
	`reason` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `id`)
);
--> statement-breakpoint
CREATE INDEX `signals_time` ON `signals` (`symbol`,`ts_ms`);--> statement-breakpoint
CREATE TABLE `challengers` (
	`symbol` text NOT NULL,
	`version` text NOT NULL,
	`since_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `version`)
);
--> statement-breakpoint
CREATE INDEX `paper_trades_arm` ON `paper_trades` (`symbol`,`arm`,`closed_ms`);