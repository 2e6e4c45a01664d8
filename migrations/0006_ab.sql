CREATE TABLE `ab_test_runs` (
	`symbol` text NOT NULL,
	`run` integer NOT NULL,
	`ts_ms` integer NOT NULL,
	`ts_iso` text NOT NULL,
	`arm_a_label` text NOT NULL,
	`arm_b_label` text NOT NULL,
	`mode` text NOT NULL,
	`arm_a_trades` integer NOT NULL,
	`arm_b_trades` integer NOT NULL,
	`arm_a_sharpe` real,
	`arm_b_sharpe` real,
	`arm_a_expectancy` real,
	`arm_b_expectancy` real,
	`arm_a_win_rate` real,
	`arm_b_win_rate` real,
	`arm_a_pf` real,
	`arm_b_pf` real,
	`k` integer NOT NULL,
	`level` real NOT NULL,
	`swap_recommended` integer NOT NULL,
	`swap_executed` integer NOT NULL,
	`decision_reason` text NOT NULL,
	`dry_run` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `run`)
);
--> statement-breakpoint
CREATE INDEX `ab_test_runs_pair` ON `ab_test_runs` (`symbol`,`arm_a_label`,`arm_b_label`,`ts_ms`);