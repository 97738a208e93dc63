import { IsDefined } from 'class-validator';
import { QueryParameter } from '#libs/common';

export class NodesListQuery {
  @QueryParameter({
    list: true,
    description: 'Nodes of these clusters alone; several, comma-separated.',
    example: 'beluga',
  })
  cluster_name?: string[];
}

export class NodeOneQuery extends NodesListQuery {
  @QueryParameter({ required: true, description: "The node's name as defined on Slurm.", example: 'cn-a002' })
  @IsDefined({ message: "is needed: the node's name as defined on Slurm, such as name=cn-a002" })
  name!: string;

  @QueryParameter({ aliasOf: 'name', description: 'Another name for `name`.' })
  node_name?: string;
}
