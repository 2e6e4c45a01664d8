-- What an arm has going holds the model that it was opened by, as it holds its rule.
UPDATE `paper_positions` SET `position` = json_set(`position`, '$.order.model', `model_version`) WHERE json_extract(`position`, '$.kind') = 'ordered';--> statement-breakpoint
UPDATE `paper_positions` SET `position` = json_set(`position`, '$.entry.model', `model_version`) WHERE json_extract(`position`, '$.kind') IN ('open', 'leaving');--> statement-breakpoint
ALTER TABLE `paper_positions` DROP COLUMN `model_version`;
