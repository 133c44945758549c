"""Redis as a reminder: ids in a fair order, and who is alive.

What is here may be lost at any time. The database is the record; the sweeper fills an empty queue from it.
"""

from hub.queue.opening import open_queue
from hub.queue.protocol import Kind, Queue, QueueAway
from hub.queue.redis_queue import RedisQueue

__all__ = ["Kind", "Queue", "QueueAway", "RedisQueue", "open_queue"]
