"""Jobs on all cores, for measures; see `chatbot.decoding.parallel`."""

from chatbot.decoding.parallel import in_parallel as in_parallel
