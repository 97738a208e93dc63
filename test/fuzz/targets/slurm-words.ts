/** How the recorded clusters' texts are read. */
export const LAB = { timeZone: 'America/Montreal', accountKind: 'mila', name: 'mila' } as const;

export const JSON_WORDS = [
  '{"jobs":[',
  '{"nodes":[',
  ']}',
  '},\n    {',
  '\n    }\n  ]',
  '"set":true,"infinite":false,"number":',
  '"errors":[{"error_number":9003}]',
  '"meta":{"slurm":{"version":{}}}',
  'null',
  '"job_id":',
  '"job_state":["RUNNING","COMPLETING"]',
  '\\ud800',
  '[[[[[[[[',
  '9007199254740993',
];

export const SCONTROL_WORDS = [
  '\n\n',
  '\n   ',
  '\r\n',
  'JobId=1 JobName=x\n   UserId=a(1)',
  'NodeName=cn-a001 Arch=x86_64 ',
  '   UserId=',
  '   StdOut=',
  '   Comment=',
  'ArrayTaskId=1-9%2',
  'HetJobOffset=1',
  'JobState=PENDING Reason=None',
  '(null)',
  'Unknown',
  'UNLIMITED',
  '1-00:00:00',
  '2026-11-24T17:23:56',
  'gres/gpu:a100=2',
  'No jobs in the system',
];

export const SACCT_WORDS = [
  '|',
  '||||||||',
  '\n',
  '19_[7-9%2]',
  '33+1',
  '1.batch',
  'CANCELLED by 0',
  'Unknown',
  'Partition_Limit',
  '0:9',
  '2026-11-24T17:23:56',
  'billing=1,gres/gpu=2',
  'JobIDRaw|JobID|State|JobName|Comment\n',
];
