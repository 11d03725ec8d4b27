CREATE INDEX `devices_search` ON `devices` (`domain_id`,`search`);--> statement-breakpoint
UPDATE `devices` SET `label` = natural_key(`label`);--> statement-breakpoint
CREATE VIRTUAL TABLE `device_search` USING fts5(`search`, content='devices', content_rowid='id', tokenize='trigram case_sensitive 1', detail=none, columnsize=0);--> statement-breakpoint
INSERT INTO `device_search` (`rowid`, `search`) SELECT `id`, `search` FROM `devices`;--> statement-breakpoint
CREATE TRIGGER `device_search_insert` AFTER INSERT ON `devices` BEGIN
	INSERT INTO `device_search` (`rowid`, `search`) VALUES (new.`id`, new.`search`);
END;--> statement-breakpoint
CREATE TRIGGER `device_search_delete` AFTER DELETE ON `devices` BEGIN
	INSERT INTO `device_search` (`device_search`, `rowid`, `search`) VALUES ('delete', old.`id`, old.`search`);
END;--> statement-breakpoint
CREATE TRIGGER `device_search_update` AFTER UPDATE OF `search` ON `devices` WHEN old.`search` <> new.`search` BEGIN
	INSERT INTO `device_search` (`device_search`, `rowid`, `search`) VALUES ('delete', old.`id`, old.`search`);
	INSERT INTO `device_search` (`rowid`, `search`) VALUES (new.`id`, new.`search`);
END;
