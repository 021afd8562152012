"""giosg: workflow data of a customer-interaction platform."""
