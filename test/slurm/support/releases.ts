/** A Debian release by the Slurm that it has. */
export type Release = 'bookworm' | 'trixie' | 'forky';

export interface ReleaseFacts {
  /** What `squeue --version` says, up to the minor version. */
  slurm: string;
  /** Versions in slurmrestd's URLs that it offers, the oldest first; of its accounting too. */
  restVersions: readonly string[];
  /** Its own packages are installed on this machine; any other lives in a directory and is run by chroot. */
  onThisMachine: boolean;
  /** slurmrestd's plugins that need no accounting; with the others it does not start without one. */
  restPlugins: string;
  /** What cgroup.conf says: that there are none. 22.05 finds that out itself and does not take the words. */
  cgroupConf: string;
}

const NO_CGROUPS = 'CgroupPlugin=disabled\n';

export const RELEASES: Readonly<Record<Release, ReleaseFacts>> = {
  bookworm: {
    slurm: '22.05',
    restVersions: ['v0.0.36', 'v0.0.37', 'v0.0.38'],
    onThisMachine: true,
    restPlugins: 'v0.0.36,v0.0.37,v0.0.38',
    cgroupConf: '',
  },
  trixie: {
    slurm: '24.11',
    restVersions: ['v0.0.40', 'v0.0.41', 'v0.0.42'],
    onThisMachine: false,
    restPlugins: 'slurmctld',
    cgroupConf: NO_CGROUPS,
  },
  forky: {
    slurm: '26.05',
    restVersions: ['v0.0.42', 'v0.0.43', 'v0.0.44', 'v0.0.45'],
    onThisMachine: false,
    restPlugins: 'slurmctld',
    cgroupConf: NO_CGROUPS,
  },
};

/** Names the release that a run of the tests is about. */
export const RELEASE_VARIABLE = 'TEST_SLURM_RELEASE';

export function isRelease(name: string): name is Release {
  return Object.hasOwn(RELEASES, name);
}

/** The release that this run of the tests is about. */
export function releaseUnderTest(environment: NodeJS.ProcessEnv = process.env): Release {
  const name = environment[RELEASE_VARIABLE] ?? 'bookworm';
  if (!isRelease(name)) {
    throw new Error(`${RELEASE_VARIABLE} is one of ${Object.keys(RELEASES).join(', ')}, not "${name}"`);
  }
  return name;
}
