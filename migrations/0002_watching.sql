CREATE TABLE `notifications` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`channel` text NOT NULL,
	`message` text NOT NULL,
	`state` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`next_wall_ms` integer NOT NULL,
	`last_error` text,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `notifications_by_state` ON `notifications` (`state`,`next_wall_ms`);--> statement-breakpoint
ALTER TABLE `alerts` ADD `clear_ms` integer;--> statement-breakpoint
ALTER TABLE `alerts` ADD `flapping` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `alerts` ADD `ack_by` text;--> statement-breakpoint
ALTER TABLE `alerts` ADD `ack_reason` text;--> statement-breakpoint
ALTER TABLE `alerts` ADD `ack_wall_ms` integer;