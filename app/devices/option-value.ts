/**
 * A URL as the value of an option in a command for a device. cfg.txt has values percent-encoded, never with a blank (device-commands 1.1);
 * the documented roll-out command has the URL as it is (features 5.4). So only blanks and what would be decoded are encoded: a device
 * that decodes values and one that does not read the same URL.
 */
export const urlOption = (url: string): string => url.replace(/[%\s]/g, sign => encodeURIComponent(sign))
