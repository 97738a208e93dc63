/** How a time that Slurm does not know is shown. */
export const UNKNOWN_TIME = 'Unknown';
