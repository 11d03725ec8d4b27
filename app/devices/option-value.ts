/** Values of options in commands for devices, as cfg.txt spells them: percent-encoded, never a blank (device-commands 1.1). */
export const optionValue = (value: string): string => encodeURIComponent(value)

/**
 * A URL as the value of an option. The documented roll-out command has it as it is (features 5.4), so only blanks and what would be
 * decoded are encoded: a device that decodes values and one that does not read the same URL.
 */
export const urlOption = (url: string): string => url.replace(/[%\s]/g, sign => encodeURIComponent(sign))
