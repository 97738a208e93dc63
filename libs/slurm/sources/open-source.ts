import { CommandsSource } from './commands-source.js';
import { FileSource } from './file-source.js';
import { LocalTransport } from './local-transport.js';
import { RestSource } from './rest-source.js';
import type { SlurmSource } from './slurm-source.js';
import type { SourceConfiguration, SourceLimits } from './source-configuration.js';
import { SshTransport } from './ssh-transport.js';

/** Nothing is asked or opened yet. @param zone the cluster's, an IANA name; for times that Slurm prints without an offset */
export function openSource(
  configuration: SourceConfiguration,
  limits: SourceLimits,
  zone: { timeZone: string },
): SlurmSource {
  switch (configuration.kind) {
    case 'command':
      return new CommandsSource(new LocalTransport(configuration), limits, zone);
    case 'ssh':
      return new CommandsSource(new SshTransport(configuration), limits, zone);
    case 'slurmrestd':
      return new RestSource(configuration, limits, zone);
    case 'file':
      return new FileSource(configuration, limits, zone);
  }
}
