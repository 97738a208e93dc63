import type { PortBlock } from './port-block.ts';

export interface NodePlan {
  name: string;
  cpus: number;
  /** MiB */
  memory: number;
  features: readonly string[];
  /** Slurm's own words: type → how many. */
  gpus: Readonly<Record<string, number>>;
}

export interface ClusterPlan {
  clusterName: string;
  host: string;
  /** As Slurm's programs see it. */
  directory: string;
  ports: PortBlock;
  nodes: readonly NodePlan[];
  accounting: boolean;
  /** Seconds for which slurmctld knows a job that has ended. */
  minJobAge: number;
}

export const DEFAULT_NODES: readonly NodePlan[] = [
  { name: 'cn-a001', cpus: 8, memory: 4000, features: ['x86', 'turing'], gpus: { rtx8000: 2 } },
  { name: 'cn-a002', cpus: 8, memory: 4000, features: ['x86', 'turing'], gpus: { rtx8000: 2 } },
  { name: 'cn-b001', cpus: 8, memory: 8000, features: ['x86', 'ampere', 'nvlink'], gpus: { a100: 2, v100: 1 } },
  { name: 'cn-c001', cpus: 4, memory: 2000, features: ['x86'], gpus: {} },
];

/** Device files that are on every Linux stand for GPUs. */
const DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/tty'];

const PORTS = { database: 0, slurmdbd: 1, slurmctld: 2, firstNode: 3 };

export function portOf({ ports }: ClusterPlan, of: keyof typeof PORTS): number {
  return ports.port(PORTS[of]);
}

/** The ports behind those of the nodes. @param index from 0 on */
export function restPort({ ports, nodes }: ClusterPlan, index: number): number {
  return ports.port(PORTS.firstNode + nodes.length + index);
}

export function slurmConf(plan: ClusterPlan): string {
  const { clusterName, host, directory, nodes, accounting, minJobAge, ports } = plan;
  const types = [...new Set(nodes.flatMap(({ gpus }) => Object.keys(gpus)))];
  const tres = ['gres/gpu', ...types.map((type) => `gres/gpu:${type}`)];
  const withGpus = nodes.filter(({ gpus }) => Object.keys(gpus).length > 0).map(({ name }) => name);
  return lines([
    `ClusterName=${clusterName}`,
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${portOf(plan, 'slurmctld')}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    // A requeued job waits for as long as its old credential holds.
    `AuthInfo=socket=${directory}/run/munge.socket,cred_expire=5`,
    'AuthAltTypes=auth/jwt',
    `AuthAltParameters=jwt_key=${directory}/jwt.key`,
    `StateSaveLocation=${directory}/state`,
    `SlurmdSpoolDir=${directory}/spool-%n`,
    `SlurmctldPidFile=${directory}/run/slurmctld.pid`,
    `SlurmdPidFile=${directory}/run/slurmd-%n.pid`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'MpiDefault=none',
    'JobAcctGatherType=jobacct_gather/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core_Memory',
    'SlurmdParameters=config_overrides',
    'GresTypes=gpu',
    'ReturnToService=2',
    'SlurmctldTimeout=300',
    'SlurmdTimeout=60',
    `MinJobAge=${minJobAge}`,
    'KillWait=2',
    'JobRequeue=1',
    'PreemptType=preempt/partition_prio',
    'PreemptMode=REQUEUE',
    'SchedulerType=sched/backfill',
    'SchedulerParameters=sched_interval=1,sched_min_interval=10000,batch_sched_delay=0,bf_interval=1',
    'PriorityType=priority/basic',
    'MaxArraySize=30001',
    'MaxJobCount=60000',
    'FirstJobId=1',
    ...(accounting
      ? [
          'AccountingStorageType=accounting_storage/slurmdbd',
          'AccountingStorageHost=127.0.0.1',
          `AccountingStoragePort=${portOf(plan, 'slurmdbd')}`,
          `AccountingStoragePass=${directory}/run/munge.socket`,
          `AccountingStorageTRES=${tres.join()}`,
          'AccountingStoreFlags=job_comment',
        ]
      : ['AccountingStorageType=accounting_storage/none']),
    ...nodes.map(
      ({ name, cpus, memory, features, gpus }, index) =>
        `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports.port(PORTS.firstNode + index)} ` +
        `CPUs=${cpus} RealMemory=${memory} Feature=${features.join()} ` +
        (Object.keys(gpus).length > 0
          ? `Gres=${Object.entries(gpus)
              .map(([type, count]) => `gpu:${type}:${count}`)
              .join()} `
          : '') +
        'State=UNKNOWN',
    ),
    `PartitionName=main Default=YES Nodes=${nodes.map(({ name }) => name).join()} PriorityTier=1 DefMemPerCPU=100 MaxTime=7-0`,
    `PartitionName=gpu Nodes=${withGpus.length > 0 ? withGpus.join() : 'ALL'} PriorityTier=10 PreemptMode=OFF DefMemPerCPU=100`,
  ]);
}

export function gresConf({ nodes }: ClusterPlan): string {
  return lines(
    nodes.flatMap(({ name, gpus }) => {
      const types = Object.entries(gpus).flatMap(([type, count]) => new Array<string>(count).fill(type));
      if (types.length > DEVICES.length) throw new Error(`a node has at most ${DEVICES.length} GPUs`);
      return types.map((type, index) => `NodeName=${name} Name=gpu Type=${type} File=${String(DEVICES[index])}`);
    }),
  );
}

export function slurmdbdConf(plan: ClusterPlan): string {
  const { host, directory } = plan;
  return lines([
    'AuthType=auth/munge',
    `AuthInfo=socket=${directory}/run/munge.socket`,
    'AuthAltTypes=auth/jwt',
    `AuthAltParameters=jwt_key=${directory}/jwt.key`,
    `DbdHost=${host}`,
    'DbdAddr=127.0.0.1',
    `DbdPort=${portOf(plan, 'slurmdbd')}`,
    'SlurmUser=root',
    `PidFile=${directory}/run/slurmdbd.pid`,
    'StorageType=accounting_storage/mysql',
    'StorageHost=127.0.0.1',
    `StoragePort=${portOf(plan, 'database')}`,
    'StorageUser=slurm',
    'StoragePass=slurm',
    'StorageLoc=slurm_acct_db',
  ]);
}

export const DATABASE_SETUP = lines([
  'CREATE DATABASE slurm_acct_db;',
  "CREATE USER slurm@'127.0.0.1' IDENTIFIED BY 'slurm';",
  "CREATE USER slurm@localhost IDENTIFIED BY 'slurm';",
  "GRANT ALL ON slurm_acct_db.* TO slurm@'127.0.0.1';",
  'GRANT ALL ON slurm_acct_db.* TO slurm@localhost;',
]);

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
