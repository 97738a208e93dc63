import { hostname, userInfo } from 'node:os';

/** Who does something: a person with a key, or the owner of a command's process. */
export interface ActorName {
  email: string | null;
  /** The id of the key that they came with. */
  key_id: string | null;
  /** For a command: the operating system's user. */
  os_user: string | null;
  host: string | null;
}

export interface Actor {
  who: ActorName;
  /** The client's address, `cli` or `collector`. */
  from: string;
  request_id: string | null;
}

const FROM_COMMAND = 'cli';

/** Whoever runs this process, for what its commands do. */
export function commandActor(): Actor {
  return {
    who: { email: null, key_id: null, os_user: osUser(), host: hostname() },
    from: FROM_COMMAND,
    request_id: null,
  };
}

/** The collector, for what it does by itself. */
export function collectorActor(): Actor {
  return { ...commandActor(), from: 'collector' };
}

/** In a container, a process may run as a number that no user has. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
