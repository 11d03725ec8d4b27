CREATE TABLE `app_roles` (
	`app_object` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `task_devices` (
	`task_id` integer NOT NULL,
	`device_id` integer NOT NULL,
	`hw_id` text NOT NULL,
	`state` text DEFAULT 'waiting' NOT NULL,
	`error` text DEFAULT '' NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`changed_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`task_id`, `device_id`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `task_devices_state` ON `task_devices` (`task_id`,`state`);--> statement-breakpoint
CREATE INDEX `task_devices_device` ON `task_devices` (`device_id`,`state`);--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`domain_id` integer DEFAULT 0 NOT NULL,
	`started_by` text DEFAULT '' NOT NULL,
	`detail` text DEFAULT '' NOT NULL,
	`settings` text DEFAULT '{}' NOT NULL,
	`state` text DEFAULT 'running' NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer
);
--> statement-breakpoint
DROP INDEX `provisioning_codes_domain`;--> statement-breakpoint
ALTER TABLE `provisioning_codes` ADD `rollout` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `provisioning_codes` ADD `created_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `provisioning_codes` ADD `created_by` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `provisioning_codes` ADD `hw_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `provisioning_codes` ADD `interface` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `provisioning_codes` ADD `error` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `provisioning_codes_until` ON `provisioning_codes` (`valid_until`);--> statement-breakpoint
CREATE INDEX `provisioning_codes_domain` ON `provisioning_codes` (`domain_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `devices_provisioning_category` ON `devices` (`provisioning_category_id`);