/** What is exported of topics of services. Labels are names of topics and of services, both bounded by number. */
import type { MetricDefinition, Sample } from '../../base/metric.ts'
import type { TopicTable } from './topic-table.ts'

export function topicMetrics(topics: Pick<TopicTable, 'figures'>): readonly MetricDefinition[] {
  const services = (value: 'received' | 'dropped' | 'waiting') => (): readonly Sample[] =>
    topics.figures().flatMap(({ name, services: all }) => all.map((figures) => ({ labels: { topic: name, service: figures.service }, value: figures[value] })))
  const ways = (value: 'delivered' | 'duplicates') => (): readonly Sample[] => topics.figures().flatMap(({ name, ways: all }) => all.map((figures) => ({ labels: { topic: name, way: figures.way }, value: figures[value] })))
  return [
    { name: 'nodestead_service_messages_total', help: 'Messages that came for services, by topic.', type: 'counter', labels: ['topic', 'service'], read: services('received') },
    { name: 'nodestead_service_dropped_total', help: 'Messages that a service lost because it was too slow.', type: 'counter', labels: ['topic', 'service'], read: services('dropped') },
    { name: 'nodestead_service_waiting', help: 'Messages that wait for a service.', type: 'gauge', labels: ['topic', 'service'], read: services('waiting') },
    { name: 'nodestead_spread_delivered_total', help: 'Messages that came whole, by way of spreading.', type: 'counter', labels: ['topic', 'way'], read: ways('delivered') },
    { name: 'nodestead_spread_duplicates_total', help: 'Messages that came again, by way of spreading.', type: 'counter', labels: ['topic', 'way'], read: ways('duplicates') },
  ]
}
