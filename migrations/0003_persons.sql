ALTER TABLE `tokens` ADD `person` text DEFAULT '' NOT NULL;--> statement-breakpoint
UPDATE `tokens` SET `person` = `name`;
