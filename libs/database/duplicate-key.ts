/** The server's code for a write that a unique index refuses (error_codes.yml of the MongoDB server). */
export const DUPLICATE_KEY = 11000;
