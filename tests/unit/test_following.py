"""The server serves the model that staff promoted, whenever that was."""
import asyncio
from types import SimpleNamespace

from bot.channels import model as following


class Agent:
    """What Rasa's agent shows of the model it has."""

    def __init__(self, name):
        self.model_name, self.loaded = name, []

    def is_ready(self):
        return True

    def load_model(self, path):
        self.loaded.append(path)
        self.model_name = path.rsplit("/", 1)[1]


def test_what_was_promoted_while_the_server_started_is_loaded(model):
    agent = Agent("assistant-0123456789abcdef.tar.gz")

    async def play():
        task = asyncio.ensure_future(following._follow(SimpleNamespace(ctx=SimpleNamespace(agent=agent))))
        while not agent.loaded:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(play(), 60))
    assert agent.loaded == [str(model)] and agent.model_name == model.name


def test_the_model_in_use_is_not_loaded_again(model):
    agent = Agent(model.name)
    following._load(agent)
    assert agent.loaded == []
