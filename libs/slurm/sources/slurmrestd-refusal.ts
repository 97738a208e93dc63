import { complaintKind } from './complaint.js';
import type { SlurmErrors } from './slurm-errors.js';
import { SourceError, type SourceErrorKind } from './slurm-source.js';

/** What slurmrestd says instead of an answer: status, and what the body tells. */
export interface Refusal {
  status: number;
  errors: SlurmErrors;
}

/**
 * 511 is what slurmrestd says from 23.02 on. 22.05 says 401 to a broken token, 200 with an error of slurmdbd's or 500 with an
 * unspecified one of slurmctld's to another user's.
 */
export function refusesToken({ status, errors }: Refusal): boolean {
  return status === 401 || status === 403 || status === 511 || errors.authentication;
}

export function refusalError(refused: Refusal, address: string, withToken: boolean): SourceError {
  const { status, errors } = refused;
  const said = `slurmrestd at ${address} answered ${status}: ${errors.text || 'nothing'}.`;
  if (refusesToken(refused)) {
    const advice = withToken
      ? 'It does not take the token: it has expired, is for another cluster, or for another user than the one that is named. ' +
        '`scontrol token` makes one. Slurm 22.05 wants the user named.'
      : 'It wants a token; only root and the account that runs slurmrestd are let in without one, on its socket.';
    return new SourceError('unauthorized', `${said} ${advice}`);
  }
  return new SourceError(kindOf(refused), said + advice(refused, withToken));
}

function kindOf({ status, errors }: Refusal): SourceErrorKind {
  const known = complaintKind(errors.text);
  if (known !== null) return known;
  return errors.noDatabase || (status >= 502 && status <= 504) ? 'unreachable' : 'failed';
}

function advice({ status, errors }: Refusal, withToken: boolean): string {
  if (status >= 300 && status < 400) return ' Name the address that it redirects to.';
  if (errors.unspecified) {
    const orUser = withToken ? ', and where the token is not of the user that is named' : '';
    return ` Slurm 22.05 says so where slurmctld does not answer${orUser}.`;
  }
  return '';
}
