CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`who` text NOT NULL,
	`address` text NOT NULL,
	`domain_id` integer DEFAULT 0 NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`before` text DEFAULT '' NOT NULL,
	`after` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE INDEX `audit_domain` ON `audit` (`domain_id`,`at`);--> statement-breakpoint
CREATE TABLE `categories` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`domain_id` integer NOT NULL,
	`name` text NOT NULL,
	`config` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `categories_name` ON `categories` (`domain_id`,`name`);--> statement-breakpoint
CREATE TABLE `device_categories` (
	`device_id` integer NOT NULL,
	`category_id` integer NOT NULL,
	PRIMARY KEY(`device_id`, `category_id`),
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`category_id`) REFERENCES `categories`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `device_categories_category` ON `device_categories` (`category_id`);--> statement-breakpoint
CREATE TABLE `device_config_categories` (
	`config_id` integer NOT NULL,
	`category_id` integer NOT NULL,
	PRIMARY KEY(`config_id`, `category_id`),
	FOREIGN KEY (`config_id`) REFERENCES `device_configs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`category_id`) REFERENCES `categories`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `device_configs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`domain_id` integer NOT NULL,
	`type` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`fields` text DEFAULT '{}' NOT NULL,
	`secrets_sealed` blob,
	`revision` integer DEFAULT 1 NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `device_configs_domain` ON `device_configs` (`domain_id`);--> statement-breakpoint
CREATE TABLE `device_interfaces` (
	`device_id` integer NOT NULL,
	`name` text NOT NULL,
	`category_id` integer,
	`sip` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`device_id`, `name`),
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `devices` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`hw_id` text NOT NULL,
	`domain_id` integer DEFAULT 0 NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`reported_name` text DEFAULT '' NOT NULL,
	`product` text DEFAULT '' NOT NULL,
	`version` text DEFAULT '' NOT NULL,
	`type` text DEFAULT 'PHONE' NOT NULL,
	`pbx_active` integer DEFAULT false NOT NULL,
	`other` integer DEFAULT false NOT NULL,
	`mini` integer DEFAULT false NOT NULL,
	`fxs` integer DEFAULT false NOT NULL,
	`fw_build` text DEFAULT '' NOT NULL,
	`bc_build` text DEFAULT '' NOT NULL,
	`major` text DEFAULT '' NOT NULL,
	`fw` text DEFAULT '' NOT NULL,
	`bc` text DEFAULT '' NOT NULL,
	`web_root` text DEFAULT '' NOT NULL,
	`eth_ifs` text DEFAULT '[]' NOT NULL,
	`label` text DEFAULT '' NOT NULL,
	`ip_sort` text DEFAULT '' NOT NULL,
	`search` text DEFAULT '' NOT NULL,
	`status` integer DEFAULT 2 NOT NULL,
	`run` integer DEFAULT 0 NOT NULL,
	`last_seen` integer DEFAULT 0 NOT NULL,
	`password_sealed` blob,
	`pending_sealed` blob,
	`pending_delivered` integer DEFAULT false NOT NULL,
	`admin_password_kind` text DEFAULT 'domain' NOT NULL,
	`admin_password_sealed` blob,
	`provisioning_category_id` integer,
	`has_lease_licenses` integer DEFAULT false NOT NULL,
	`rented` integer DEFAULT false NOT NULL,
	`rental_want` integer DEFAULT false NOT NULL,
	`rental_started` integer DEFAULT false NOT NULL,
	`added_at` integer DEFAULT 0 NOT NULL,
	`added_how` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `devices_hw_id` ON `devices` (`hw_id`);--> statement-breakpoint
CREATE INDEX `devices_domain` ON `devices` (`domain_id`,`status`);--> statement-breakpoint
CREATE INDEX `devices_status` ON `devices` (`status`,`label`,`id`);--> statement-breakpoint
CREATE INDEX `devices_label` ON `devices` (`label`,`id`);--> statement-breakpoint
CREATE INDEX `devices_product` ON `devices` (`product`,`id`);--> statement-breakpoint
CREATE INDEX `devices_version` ON `devices` (`version`,`id`);--> statement-breakpoint
CREATE INDEX `devices_ip` ON `devices` (`ip_sort`,`id`);--> statement-breakpoint
CREATE TABLE `domain_access` (
	`domain_id` integer NOT NULL,
	`granted_id` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `granted_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`granted_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `domains` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`password_sealed` blob,
	`deploy_admin_passwords` integer DEFAULT false NOT NULL,
	`provisioning_token_sealed` blob,
	`emails` text DEFAULT '[]' NOT NULL,
	`invoice_reference` text DEFAULT '' NOT NULL,
	`observer` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `domains_name` ON `domains` (`name_key`);--> statement-breakpoint
CREATE TABLE `job_devices` (
	`job_id` integer NOT NULL,
	`device_id` integer NOT NULL,
	`state` text NOT NULL,
	`error` text DEFAULT '' NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at` integer,
	`changed_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`job_id`, `device_id`),
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`device_id`) REFERENCES `devices`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `job_devices_device` ON `job_devices` (`device_id`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`domain_id` integer NOT NULL,
	`name` text NOT NULL,
	`settings` text DEFAULT '{}' NOT NULL,
	`secrets_sealed` blob,
	`state` text DEFAULT 'idle' NOT NULL,
	`progress` text DEFAULT '{}' NOT NULL,
	`next_at` integer,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `jobs_domain` ON `jobs` (`domain_id`,`kind`);--> statement-breakpoint
CREATE TABLE `preferences` (
	`user` text NOT NULL,
	`name` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`user`, `name`)
);
--> statement-breakpoint
CREATE TABLE `provisioning_codes` (
	`code` text PRIMARY KEY NOT NULL,
	`domain_id` integer NOT NULL,
	`category_id` integer,
	`sip` text DEFAULT '' NOT NULL,
	`administrative` integer DEFAULT false NOT NULL,
	`valid_until` integer NOT NULL,
	`used_at` integer,
	`device_id` integer,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `provisioning_codes_domain` ON `provisioning_codes` (`domain_id`);--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text,
	`sealed` blob
);
