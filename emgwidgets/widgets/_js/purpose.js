/* What the software is for: said once on every widget that shows a result. */
export const PURPOSE = "It teaches and documents; it is no medical device.";
