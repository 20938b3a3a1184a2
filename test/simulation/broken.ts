/** A promise did not hold. */
export class Broken extends Error {}
