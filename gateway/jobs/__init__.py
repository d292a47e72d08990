"""Long work: started by a request, followed by its number, ended by a result or a problem."""

from gateway.jobs.problems import Problem, problem_of
from gateway.jobs.runner import JobRunner

__all__ = ["JobRunner", "Problem", "problem_of"]
